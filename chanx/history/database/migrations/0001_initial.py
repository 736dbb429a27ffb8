"""The tables as they came first."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='HistoryGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('epoch', models.CharField(max_length=32)),
                ('seq', models.BigIntegerField(default=0)),
                ('appended_at', models.DateTimeField(null=True)),
                ('used_at', models.DateTimeField(db_index=True)),
                ('ttl', models.FloatField(default=0.0)),
            ],
        ),
        migrations.CreateModel(
            name='HistoryEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField()),
                ('body', models.TextField()),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='chanx_history.historygroup')),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('group'), models.F('seq'), name='chanx_history_seq')],
            },
        ),
        migrations.CreateModel(
            name='HistoryKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('epoch', models.CharField(max_length=32)),
                ('seq', models.BigIntegerField()),
                ('ends_at', models.DateTimeField(db_index=True)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='chanx_history.historygroup')),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('group'), models.F('key'), name='chanx_history_key')],
            },
        ),
    ]
