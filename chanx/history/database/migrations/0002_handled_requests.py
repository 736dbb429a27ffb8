"""What is remembered of requests."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chanx_history', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='HandledRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.CharField(max_length=32)),
                ('frame_id', models.CharField(max_length=72)),
                ('digest', models.CharField(max_length=64)),
                ('holder', models.CharField(max_length=32)),
                ('leased_until', models.DateTimeField()),
                ('ends_at', models.DateTimeField(db_index=True)),
                ('replies', models.TextField(blank=True)),
                ('size', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'frame_id'), name='chanx_handled_request')],
            },
        ),
    ]
