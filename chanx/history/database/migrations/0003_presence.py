"""The tables of who is present."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chanx_history', '0002_handled_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='PresenceClock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='PresenceGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('version', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='PresenceNode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True)),
                ('ends_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='PresenceMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('info', models.TextField()),
                ('since', models.DateTimeField()),
                ('leaves_at', models.DateTimeField(db_index=True, null=True)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='chanx_history.presencegroup')),
            ],
        ),
        migrations.CreateModel(
            name='PresenceHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='chanx_history.presencemember')),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='chanx_history.presencenode')),
            ],
        ),
        migrations.AddField(
            model_name='presencemember',
            name='nodes',
            field=models.ManyToManyField(related_name='members', through='chanx_history.PresenceHold', to='chanx_history.presencenode'),
        ),
        migrations.AddConstraint(
            model_name='presencemember',
            constraint=models.UniqueConstraint(models.F('group'), models.F('key'), name='chanx_presence_key'),
        ),
        migrations.AddConstraint(
            model_name='presencehold',
            constraint=models.UniqueConstraint(models.F('node'), models.F('member'), name='chanx_presence_hold'),
        ),
    ]
