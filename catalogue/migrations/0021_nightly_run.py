

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0020_submission_once_per_partner'),
    ]

    operations = [
        migrations.CreateModel(
            name='NightlyRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='job')),
                ('finished_at', models.DateTimeField(verbose_name='last run')),
                ('count', models.PositiveIntegerField(verbose_name='rows finished')),
                ('failed', models.PositiveIntegerField(verbose_name='rows failed')),
                ('problem', models.TextField(blank=True, help_text='The first rows that failed, with the kind of error; the log says more about each.')),
            ],
            options={
                'ordering': ['-failed', 'name'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('failed', 0), ('problem', '')), models.Q(('failed__gt', 0), models.Q(('problem', ''), _negated=True)), _connector='OR'), name='catalogue_nightlyrun_problem_named')],
            },
        ),
    ]
